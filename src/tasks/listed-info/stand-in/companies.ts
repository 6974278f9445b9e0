import { addDays, type DateText, FIRST_DATA_DATE, rollForward } from '../calendar.ts'
import { companyName, nameCount } from './names.ts'
import { noSector, type Sector, sectors } from './sectors.ts'

/** Where a company is listed, by the names of the segments since April 2022. */
type Tier = 'prime' | 'standard' | 'growth' | 'pro' | 'other'

/** A company that does not exist, and the days on which it is listed. */
export interface Company {
  readonly code: string
  readonly name: string
  readonly nameEnglish: string
  readonly sector: Sector
  readonly scale: string
  readonly tier: Tier
  /** Two boards stood where Standard and Growth are now; this one was on the JASDAQ. */
  readonly jasdaq: boolean
  readonly margin: 1 | 2 | 3
  readonly product: string
  /** The first day it is listed, and the first on which it no longer is. */
  readonly listedOn: DateText
  readonly delistedOn: DateText
}

/** So many places are taken at any time, but for a few whose company has gone and whose next has not come yet. */
const PLACES = 4_420
/** A few companies have preferred shares as well, whose code ends in 5. */
const PREFERRED_EVERY = 400
const LAST_DAY = '2060-12-31'
const ALPHANUMERIC_SINCE = '2024-01-01'
const CODE_LETTERS = 'ACDFGHJKLMNPRSTUWXY'

let known: readonly Company[] | undefined

/** Every company there ever is, by code; the same in every process. */
export function allCompanies(): readonly Company[] {
  known ??= found()
  return known
}

/** The companies listed on a day, by code. */
export function companiesOn(date: DateText): readonly Company[] {
  return allCompanies().filter(({ listedOn, delistedOn }) => listedOn <= date && date < delistedOn)
}

function found(): Company[] {
  const chance = seededRandom(20_080_507)
  const stays = Array.from({ length: PLACES }, (_, place) => stayAt(place, chance)).flat()
  stays.sort((a, b) => (a.listedOn < b.listedOn ? -1 : a.listedOn > b.listedOn ? 1 : a.place - b.place))
  const codes = codeDispenser()
  const companies = stays.slice(0, nameCount).flatMap((stay, index) => {
    const company = describe(codes(stay.listedOn), stay, index, chance)
    return index % PREFERRED_EVERY === 0 ? [company, preferredOf(company)] : [company]
  })
  return companies.sort((a, b) => (a.code < b.code ? -1 : 1))
}

interface Stay {
  readonly place: number
  readonly listedOn: DateText
  readonly delistedOn: DateText
}

/** The companies that follow each other in one place, some 45 years each. */
function stayAt(place: number, chance: () => number): Stay[] {
  const stays: Stay[] = []
  let listedOn = '1990-01-04'
  while (listedOn < LAST_DAY) {
    const after = listedOn > FIRST_DATA_DATE ? listedOn : FIRST_DATA_DATE
    const delistedOn = rollForward(addDays(after, 200 + Math.floor(chance() * 90 * 365)))
    stays.push({ place, listedOn, delistedOn })
    listedOn = rollForward(addDays(delistedOn, 1 + Math.floor(chance() * 200)))
  }
  return stays
}

/** Numbers in steps of two for the first companies, those between for later ones, letters since 2024. */
function codeDispenser(): (listedOn: DateText) => string {
  let first = 1_301
  let later = 1_302
  let lettered = 0
  return (listedOn) => {
    if (listedOn < FIRST_DATA_DATE) {
      // 4,420 steps of two don't fit below 10,000, so the last ones go without a gap.
      const number = first
      first += first < 9_300 ? 2 : 1
      return `${number}0`
    }
    if (listedOn < ALPHANUMERIC_SINCE) {
      const number = later
      later += 2
      return `${number}0`
    }
    const [number, letter] = [130 + Math.floor(lettered / CODE_LETTERS.length), lettered % CODE_LETTERS.length]
    lettered++
    return `${number}${CODE_LETTERS[letter]}0`
  }
}

function describe(code: string, stay: Stay, index: number, chance: () => number): Company {
  const { listedOn, delistedOn } = stay
  const { japanese, english } = companyName(index)
  const tier = pickTier(chance())
  const rank = chance()
  const fund = tier === 'other'
  return {
    code,
    name: japanese,
    nameEnglish: english,
    sector: fund ? noSector : (sectors[Math.floor(chance() * sectors.length)] ?? sectors[0]),
    scale: tier === 'prime' ? pickScale(rank) : '-',
    tier,
    jasdaq: chance() < 0.6,
    margin: rank < 0.5 ? 2 : rank < 0.95 ? 1 : 3,
    product: fund ? '014' : '011',
    listedOn,
    delistedOn,
  }
}

function preferredOf(company: Company): Company {
  return {
    ...company,
    code: `${company.code.slice(0, 4)}5`,
    name: `${company.name}第１種優先株式`,
    nameEnglish: `${company.nameEnglish} Class 1 Preferred`,
    margin: 3,
    scale: '-',
    product: '012',
  }
}

function pickTier(chance: number): Tier {
  if (chance < 0.37) return 'prime'
  if (chance < 0.73) return 'standard'
  if (chance < 0.87) return 'growth'
  return chance < 0.9 ? 'pro' : 'other'
}

function pickScale(rank: number): string {
  if (rank < 0.018) return 'TOPIX Core30'
  if (rank < 0.06) return 'TOPIX Large70'
  if (rank < 0.3) return 'TOPIX Mid400'
  return rank < 0.6 ? 'TOPIX Small 1' : 'TOPIX Small 2'
}

/** mulberry32: the same numbers from 0 to 1 on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
