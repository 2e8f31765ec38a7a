// A cursor is an offset of the engine in a lap (contract §3.3): lap × 2^51 + offset. A feed goes on a lap higher where
// its client already has a higher cursor than the next one would be, for a client takes whatever is not higher for a
// duplicate. The lap is read off any cursor, so nobody has to remember it. Offsets reach 2^51 in the year 3085.

export type Lap = 0 | 1 | 2 | 3

const laps = [0, 1, 2, 3] as const satisfies readonly Lap[]

const lapLength = 2 ** 51

/** `offset`: below 2^51. */
export function cursorOf(lap: Lap, offset: number): number {
  return lap * lapLength + offset
}

/** `cursor`: a safe integer that is not negative, which has no lap but these. */
export function lapOf(cursor: number): Lap {
  return laps.findLast(lap => lap * lapLength <= cursor) ?? 0
}

export function offsetOf(cursor: number): number {
  return cursor % lapLength
}

/** The lowest lap from `lap` on in which the offset is above all that the client has; undefined: there is none. */
export function lapAbove(lap: Lap, offset: number, highest: number): Lap | undefined {
  return laps.find(each => each >= lap && cursorOf(each, offset) > highest)
}

/** Of a query: a safe integer that is not negative, in digits alone. */
export function parseCursor(text: string): number | undefined {
  const cursor = /^\d{1,16}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
  return cursor <= Number.MAX_SAFE_INTEGER ? cursor : undefined
}
