// What one statistic is, until it is written for the wire (contract §6.8).

export interface StatisticsItem {
  readonly type: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

/** Behind one another; the callee keeps it. */
export type Emit = (batch: readonly StatisticsItem[]) => void

/** A connection is told of again in time. */
export const refreshedAt = 3 / 4
