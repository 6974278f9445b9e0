/*
 * Every name starts with 架空, "imaginary", and ends in "(Fictional)" in English: the data of real companies may not be
 * redistributed, and nobody should take these for them.
 */

const places = [
  ['', ''],
  ['東', 'East '],
  ['西', 'West '],
  ['南', 'South '],
  ['北', 'North '],
  ['中央', 'Central '],
] as const

const stems = [
  ['みなも', 'Minamo'],
  ['こもれび', 'Komorebi'],
  ['ゆうなぎ', 'Yunagi'],
  ['かざぐるま', 'Kazaguruma'],
  ['しらたま', 'Shiratama'],
  ['ほしくず', 'Hoshikuzu'],
  ['わたぐも', 'Watagumo'],
  ['つきよみ', 'Tsukiyomi'],
  ['あさつゆ', 'Asatsuyu'],
  ['やまびこ', 'Yamabiko'],
  ['さざなみ', 'Sazanami'],
  ['ひなたぼこ', 'Hinataboko'],
  ['かげろう', 'Kagero'],
  ['うたかた', 'Utakata'],
  ['まぼろし', 'Maboroshi'],
  ['ゆめみどり', 'Yumemidori'],
  ['はなふぶき', 'Hanafubuki'],
  ['くもがくれ', 'Kumogakure'],
  ['なないろ', 'Nanairo'],
  ['とおりあめ', 'Toriame'],
  ['おぼろづき', 'Oborozuki'],
  ['ねこじゃらし', 'Nekojarashi'],
  ['たけとんぼ', 'Taketombo'],
  ['かみふうせん', 'Kamifusen'],
  ['しゃぼんだま', 'Shabondama'],
  ['いととんぼ', 'Itotombo'],
  ['ゆきうさぎ', 'Yukiusagi'],
  ['さくらがい', 'Sakuragai'],
  ['どんぐり', 'Donguri'],
  ['まつぼっくり', 'Matsubokkuri'],
  ['ささぶね', 'Sasabune'],
  ['ほたるび', 'Hotarubi'],
] as const

const trades = [
  ['製作所', 'Works'],
  ['工業', 'Industries'],
  ['商事', 'Trading'],
  ['建設', 'Construction'],
  ['食品', 'Foods'],
  ['化学', 'Chemical'],
  ['薬品', 'Pharma'],
  ['電機', 'Electric'],
  ['精密', 'Precision'],
  ['運輸', 'Transport'],
  ['倉庫', 'Warehouse'],
  ['通信', 'Communications'],
  ['情報システム', 'Information Systems'],
  ['不動産', 'Real Estate'],
  ['百貨店', 'Department Store'],
  ['紡績', 'Spinning'],
  ['製紙', 'Paper'],
  ['製鋼', 'Steel'],
  ['硝子', 'Glass'],
  ['重工', 'Heavy Industries'],
  ['印刷', 'Printing'],
  ['水産', 'Fisheries'],
  ['農園', 'Farms'],
  ['電力', 'Power'],
  ['鉱業', 'Mining'],
  ['海運', 'Shipping'],
  ['航空', 'Airlines'],
  ['銀行', 'Bank'],
  ['証券', 'Securities'],
  ['保険', 'Insurance'],
  ['リース', 'Leasing'],
  ['教育', 'Education'],
  ['研究所', 'Laboratories'],
  ['ソフト', 'Software'],
  ['ロボット', 'Robotics'],
  ['ゲームス', 'Games'],
  ['観光', 'Tourism'],
  ['音響', 'Acoustics'],
  ['設計', 'Design'],
  ['ホールディングス', 'Holdings'],
] as const

export interface CompanyName {
  readonly japanese: string
  readonly english: string
}

/** How many different names there are. */
export const nameCount = places.length * stems.length * trades.length

/** A name of its own for each index below nameCount. */
export function companyName(index: number): CompanyName {
  // 1,013 is prime to the number of names, so stepping by it visits each once and keeps neighbours apart.
  const spread = (index * 1_013) % nameCount
  const trade = pick(trades, spread)
  const stem = pick(stems, Math.floor(spread / trades.length))
  const place = pick(places, Math.floor(spread / (trades.length * stems.length)))
  return {
    japanese: `架空${place[0]}${stem[0]}${trade[0]}`,
    english: `Kakuu ${place[1]}${stem[1]} ${trade[1]} Co.,Ltd. (Fictional)`,
  }
}

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}
