// Reads Prometheus text (exposition format 0.0.4) as strictly as it is specified: what a scraper might read in two ways
// is an error.
import assert from 'node:assert/strict'

export interface Family {
  readonly type: string
  /** By labels as they are written; of a histogram with `_bucket`, `_sum` or `_count` and a blank in front. */
  readonly samples: Map<string, number>
}

const labelForm = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const sampleForm = new RegExp(
  `^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(${labelForm}(?:,${labelForm})*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`,
)

/** Throws on a line that is none, a sample before its type, a family in two places, and equal series. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line has no end')
  const families = new Map<string, Family>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const [, comment, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (comment === 'HELP') {
      assert.ok(!families.has(name), `${name} is described twice`)
      continue
    }
    if (comment === 'TYPE') {
      assert.ok(!families.has(name), `${name} is in two places`)
      assert.match(rest, /^(?:counter|gauge|histogram)$/)
      families.set(name, { type: rest, samples: new Map() })
      current = name
      continue
    }
    const [, own, labels = '', value] = sampleForm.exec(line) ?? []
    const { type, samples } = families.get(current) ?? {}
    const part = type === 'histogram' ? /_(?:bucket|sum|count)$/.exec(own ?? '')?.[0] : ''
    assert.equal(own, `${current}${part}`, `no sample of ${current}: ${line}`)
    const series = part === '' ? labels : `${part} ${labels}`
    assert.ok(samples !== undefined && !samples.has(series), `twice: ${line}`)
    samples.set(series, Number(value))
  }
  return families
}

/** All series of a family together. */
export function totalOf(families: ReadonlyMap<string, Family>, name: string): number {
  return [...(families.get(name)?.samples.values() ?? [])].reduce((sum, value) => sum + value, 0)
}
