// A histogram for the registry out of counts that others made: the library's own counts by itself, what it is shown one by one.
import type { Histogram } from 'prom-client'

interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly counts: Map<number, number>
  sum: number
}

export interface HistogramSample {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export class CountedHistogram {
  readonly name: string
  readonly help: string
  readonly #scale: number
  readonly #series = new Map<string, Series>()

  constructor({ name, help, scale }: { name: string; help: string; scale: number }) {
    this.name = name
    this.help = help
    this.#scale = scale
  }

  /** `bin`: the upper bound, `Inf`, or `sum`, as `Bins` has them. */
  note(labels: Series['labels'], bin: string, value: number): void {
    const key = JSON.stringify(labels)
    const series = this.#series.get(key) ?? { labels, counts: new Map(), sum: 0 }
    this.#series.set(key, series)
    if (bin === 'sum') series.sum += value * this.#scale
    else series.counts.set(bin === 'Inf' ? Number.POSITIVE_INFINITY : Number(bin), value)
  }

  /** As the registry asks its metrics. */
  get(): Promise<{ name: string; help: string; type: 'histogram'; values: readonly HistogramSample[] }> {
    const values = [...this.#series.values()].flatMap(series => this.#samples(series))
    return Promise.resolve({ name: this.name, help: this.help, type: 'histogram', values })
  }

  /** For the registry, which asks for nothing but a name and `get`. */
  get asMetric(): Histogram {
    return this as unknown as Histogram // by what is said above
  }

  #samples({ labels, counts, sum }: Series): readonly HistogramSample[] {
    let below = 0
    const buckets = [...counts]
      .sort(([one], [other]) => one - other)
      .map(([bound, count]) => {
        below += count
        return {
          metricName: `${this.name}_bucket`,
          labels: { ...labels, le: this.#bound(bound) },
          value: below,
        }
      })
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: below },
    ]
  }

  #bound(bound: number): string {
    return Number.isFinite(bound) ? String(Number((bound * this.#scale).toPrecision(12))) : '+Inf'
  }
}
