import { countedUpTo, inLanguage } from '../../words/words.ts'

/** Of the list of runs. */
export const words = inLanguage({
  en: {
    title: 'Runs',
    status: 'Status',
    anyStatus: 'Any status',
    origin: 'Origin',
    anyOrigin: 'Any origin',
    from: 'From',
    until: 'Until',
    none: 'There are no runs yet.',
    noMatch: 'No run matches the filter.',
    schedule: 'Schedule',
    scheduledFor: 'For',
    lateness: 'Lateness',
    duration: 'Duration',
    reason: 'Reason or error',
    count: (total: number, isExact: boolean) => countedUpTo(total, isExact, 'run'),
  },
  ja: {
    title: '実行',
    status: '状態',
    anyStatus: 'すべての状態',
    origin: '起点',
    anyOrigin: 'すべての起点',
    from: '開始',
    until: '終了',
    none: 'まだ実行がありません。',
    noMatch: '条件に一致する実行はありません。',
    schedule: 'スケジュール',
    scheduledFor: '予定時刻',
    lateness: '遅れ',
    duration: '所要時間',
    reason: '理由またはエラー',
    count: (total, isExact) => `${total.toLocaleString('ja')}${isExact ? '' : '+'} 件`,
  },
})
