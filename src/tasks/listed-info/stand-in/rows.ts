import { type DateText, nextBusinessDay } from '../calendar.ts'
import { type Company, companiesOn } from './companies.ts'
import type { Plan } from './plans.ts'

/** A row of `/v2/equities/master`, by the names of the API. */
export interface MasterRow {
  readonly Date: DateText
  readonly Code: string
  readonly CoName: string
  readonly CoNameEn: string
  readonly S17: string
  readonly S17Nm: string
  readonly S33: string
  readonly S33Nm: string
  readonly ScaleCat: string
  readonly Mkt: string
  readonly MktNm: string
  readonly Mrgn?: string
  readonly MrgnNm?: string
  readonly ProdCat?: string
}

/** When Prime, Standard and Growth took over. */
const RESTRUCTURED_ON = '2022-04-04'

const marketNames = {
  '0101': '東証一部',
  '0102': '東証二部',
  '0104': 'マザーズ',
  '0105': 'TOKYO PRO MARKET',
  '0106': 'JASDAQ スタンダード',
  '0107': 'JASDAQ グロース',
  '0109': 'その他',
  '0111': 'プライム',
  '0112': 'スタンダード',
  '0113': 'グロース',
} as const

const marginNames = { 1: '信用', 2: '貸借', 3: 'その他' } as const

/**
 * The rows of a business day, by code.
 * @param code 5 characters, or 4 for the company's common stock; left out: all
 */
export function masterRows(date: DateText, code: string | undefined, plan: Plan): MasterRow[] {
  const wanted = code?.length === 4 ? `${code}0` : code
  const listed = companiesOn(date)
  const chosen = wanted ? listed.filter((company) => company.code === wanted) : listed
  return chosen.map((company) => toRow(company, date, plan))
}

/** The same rows as of the next business day, as when the data is replaced at 17:30. */
export function dayLater(rows: readonly MasterRow[]): MasterRow[] {
  return rows.map((row) => ({ ...row, Date: nextBusinessDay(row.Date) }))
}

function toRow(company: Company, date: DateText, plan: Plan): MasterRow {
  const [s33, s33Name, s17, s17Name] = company.sector
  const market = marketOn(company, date)
  return {
    Date: date,
    Code: company.code,
    CoName: company.name,
    CoNameEn: company.nameEnglish,
    S17: s17,
    S17Nm: s17Name,
    S33: s33,
    S33Nm: s33Name,
    ScaleCat: company.scale,
    Mkt: market,
    MktNm: marketNames[market],
    ...((plan === 'standard' || plan === 'premium') && {
      Mrgn: String(company.margin),
      MrgnNm: marginNames[company.margin],
    }),
    ...(plan !== 'free' && { ProdCat: company.product }),
  }
}

function marketOn({ tier, jasdaq }: Company, date: DateText): keyof typeof marketNames {
  const before = date < RESTRUCTURED_ON
  switch (tier) {
    case 'prime':
      return before ? '0101' : '0111'
    case 'standard':
      return before ? (jasdaq ? '0106' : '0102') : '0112'
    case 'growth':
      return before ? (jasdaq ? '0107' : '0104') : '0113'
    case 'pro':
      return '0105'
    case 'other':
      return '0109'
  }
}
