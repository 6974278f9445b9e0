import { countedUpTo, inLanguage } from '../../words/words.ts'

/** Of the audit trail. */
export const words = inLanguage({
  en: {
    title: 'Audit',
    count: (total: number, isExact: boolean) => countedUpTo(total, isExact, 'entry', 'entries'),
    what: 'What was done',
    anything: 'Anything',
    who: 'By whom, exactly',
    schedule: 'Schedule, by name or id',
    none: 'Nothing was done yet. Whatever is done to schedules, keys and workers is kept here, with who did it.',
    noMatch: 'Nothing matches the filter.',
    by: 'by',
    onlyBy: (who: string) => `Only what ${who} did`,
    revision: (number: number) => `revision ${number}`,
    changed: (columns: string) => `What changed: ${columns}`,
    run: (id: string) => `run ${id}`,
    backfill: (id: string) => `backfill ${id}`,
    end: 'This is where the trail begins.',
  },
  ja: {
    title: '監査',
    count: (total, isExact) => `${total.toLocaleString('ja')}${isExact ? '' : '+'} 件`,
    what: '操作',
    anything: 'すべて',
    who: '実行者（完全一致）',
    schedule: 'スケジュール（名前または ID）',
    none: 'まだ操作がありません。スケジュール・キー・ワーカーへの操作は、実行者とともにここに残ります。',
    noMatch: '条件に一致するものはありません。',
    by: '実行者',
    onlyBy: (who) => `${who} の操作のみ表示`,
    revision: (number) => `リビジョン ${number}`,
    changed: (columns) => `変更内容: ${columns}`,
    run: (id) => `実行 ${id}`,
    backfill: (id) => `バックフィル ${id}`,
    end: '記録はここから始まります。',
  },
})
