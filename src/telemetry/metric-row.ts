// How a room describes a number that it counts, beside the counter. What becomes of the rows is up to whoever shows them.

/**
 * The statistic's key; a key in `.*` stands for several, told apart by what the star is, and one in `.le.*` for a histogram (`Bins`). The metric's name without its
 * prefix: a counter ends in `_total`, a unit is a base unit. One sentence. The statistic times `scale` is in the unit.
 */
export type MetricRow = readonly [key: string, name: string, help: string, scale?: number]
