// How clients of the model read what is published: formats with and without a frame for everything, and filters.
import type { Admits, Format, Omission } from '../../src/engine/reader/subscriber.ts'

/** What a text is to a subscription. */
export type Reading = 'framed' | Omission

export interface ModelFormat extends Format {
  readonly mark: string
  reads(text: string): Reading
}

/** Several, so that windows hold frames of each; some have no frame for some texts. */
export const modelFormats: readonly ModelFormat[] = [
  formatOf('', () => 'framed'),
  formatOf('#', () => 'framed'),
  formatOf('~', number => (number % 3 === 0 ? 'pass' : 'framed')),
  formatOf('%', number => (({ 0: 'pass', 3: 'gap', 6: 'end' }) as const)[number % 8] ?? 'framed'),
]

/** Which texts a subscription admits; undefined: all. */
const modelFilters: readonly (((text: string) => boolean) | undefined)[] = [
  undefined,
  undefined,
  text => numberOf(text) % 2 === 1,
  text => numberOf(text) % 5 > 2,
]

/** What a subscription admits, and what each text is to it then. */
export function readerOf(format: ModelFormat, filter: number) {
  const isAdmitted = modelFilters[filter]
  const admits: Admits | undefined =
    isAdmitted && (({ content }) => isAdmitted(Buffer.from(content.payload).toString()))
  const reads = (text: string): Reading => (isAdmitted?.(text) === false ? 'pass' : format.reads(text))
  return { admits, reads }
}

function formatOf(mark: string, readingOf: (number: number) => Reading): ModelFormat {
  const reads = (text: string) => readingOf(numberOf(text))
  return {
    id: `model${mark}`,
    mark,
    reads,
    encode({ channel, offset, content }) {
      const text = Buffer.from(content.payload).toString()
      return reads(text) === 'framed' ? Buffer.from(`${mark}${channel},${offset},${text};`) : undefined
    },
    omitted({ content }) {
      const reading = reads(Buffer.from(content.payload).toString())
      if (reading === 'framed') throw new Error('what has a frame is not left out')
      return reading
    },
  }
}

/** Texts of the model begin with `m` and their number. */
function numberOf(text: string): number {
  return Number(/\d+/.exec(text)?.[0])
}
