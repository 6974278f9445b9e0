export const readCursor = (_s: string, _t: string | undefined): any => undefined
export const writeCursor = (_s: string, _r: any) => 'x'
export const readRunCursor = readCursor
export const writeRunCursor = writeCursor
export const readIdCursor = (_t: string | undefined): string | undefined => undefined
export const writeIdCursor = (_i: string) => 'x'
