export const strictFlag = { summary: 'refuse a task that no live worker has' } as const
