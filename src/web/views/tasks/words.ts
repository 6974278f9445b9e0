import { counted, inLanguage } from '../../words/words.ts'

/** Of the catalogue of tasks. */
export const words = inLanguage({
  en: {
    title: 'Tasks',
    count: (total: number) => counted(total, 'task'),
    none: 'No worker has published a task yet. Start one: bin/worker',
    name: 'Task',
    workers: 'Live workers',
    noWorker: 'none: its runs wait',
    schedules: 'Schedules',
    schedulesOf: (count: string, task: string) => `${count} schedules of ${task}`,
    about: 'about ',
    unknown: 'not known',
    payload: 'Payload',
    anyPayload: 'any',
    schema: 'Show the schema',
    published: 'Published',
  },
  ja: {
    title: 'タスク',
    count: (total) => `${total.toLocaleString('ja')} 件のタスク`,
    none: 'タスクを公開したワーカーがまだありません。起動してください: bin/worker',
    name: 'タスク',
    workers: '稼働中のワーカー',
    noWorker: 'なし（実行は待機します）',
    schedules: 'スケジュール',
    schedulesOf: (count, task) => `${task} のスケジュール ${count} 件`,
    about: '約 ',
    unknown: '不明',
    payload: 'ペイロード',
    anyPayload: '任意',
    schema: 'スキーマを表示',
    published: '公開',
  },
})
