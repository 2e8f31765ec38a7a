// What the readings of an endurance run say: whether the daemon came back to where it was, and whether it still grows.
import type { Reading } from './readings.ts'

type Measure = Exclude<keyof Reading, 'codeMiB'>

/** Above the baseline, where it is said to be back. */
const toleranceRatio = 0.02

/** One reading alone is of what happened to be under way; the one behind the warm-up has up to 1 MiB that then goes. */
const compared = 3

export interface Change {
  /** Median of the first readings, and of the last ones. */
  readonly baseline: number
  readonly end: number
  /** From one reading to the next, over the later half of them (least squares): what levels off is no leak. */
  readonly slope: number
}

export function changeOf(readings: readonly Reading[], measure: Measure): Change {
  const values = readings.map(reading => reading[measure])
  const later = values.slice(Math.floor(values.length / 2))
  return {
    baseline: medianOf(values.slice(0, compared)),
    end: medianOf(values.slice(-compared)),
    slope: slopeOf(later),
  }
}

/** One line for people; what must hold is asserted by the test. */
export function verdictOf(readings: readonly Reading[]): string {
  const memory = (['rssMiB', 'heapMiB'] as const).map(measure => {
    const { baseline, end, slope } = changeOf(readings, measure)
    const percent = (difference: number) =>
      `${difference < 0 ? '' : '+'}${((100 * difference) / baseline).toFixed(2)} %`
    const isBack = end <= baseline * (1 + toleranceRatio)
    const text = `${percent(end - baseline)}, at the end ${percent(slope)} a part`
    return `${measure} ${text} (at most ${100 * toleranceRatio} % more: ${isBack ? 'yes' : 'NO'})`
  })
  const counts = (['descriptors', 'handles'] as const).map(
    measure => `${measure} ${changeOf(readings, measure).slope.toFixed(2)} a part`,
  )
  return ['losses 0, duplicates 0, disorder 0', ...counts, ...memory].join('; ')
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let [above, below] = [0, 0]
  for (const [at, value] of values.entries()) {
    above += (at - middle) * (value - mean)
    below += (at - middle) ** 2
  }
  return below === 0 ? 0 : above / below
}
