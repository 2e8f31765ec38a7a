// The tables that say how one protocol's publications are rendered by the others: those of all protocols stand on one
// page, and a protocol may have a table of its own, with any of the columns, on its own page.
import { existsSync, readFileSync } from 'node:fs'

export interface Rendered {
  /** A protocol of the registry, or `api`. */
  readonly from: string
  readonly content: string
  readonly sent: string
  /** What subscribers get, by protocol. */
  readonly gets: ReadonlyMap<string, string>
}

export interface Refused {
  readonly from: string
  readonly content: string
  readonly sent: string
  readonly status: number
  /** Stands in the body. */
  readonly answer: string
}

/** Cells by the head of their column. */
type Row = ReadonlyMap<string, string>

const shared = '../../../src/frontends/README.md'

export function renderedRows(names: readonly string[]): readonly Rendered[] {
  return rowsOf(names, row => row.has('from') && !row.has('status')).map(row => ({
    ...sentOf(row),
    gets: new Map(
      [...row].flatMap(([head, cell]) => {
        const name = /^(\w+) gets$/.exec(head)?.[1]?.toLowerCase()
        return name === undefined ? [] : [[name, cell] as const]
      }),
    ),
  }))
}

export function refusedRows(names: readonly string[]): readonly Refused[] {
  return rowsOf(names, row => row.has('from') && row.has('status')).map(row => ({
    ...sentOf(row),
    status: Number(row.get('status')),
    answer: row.get('answer') ?? '',
  }))
}

/** What a protocol makes of a publication that has no content, by whether its client counts. */
export function placesOnly(name: string): { readonly withPositions: string; readonly without: string } {
  const row = rowsOf([], each => each.get('without content')?.toLowerCase() === name)[0]
  return { withPositions: row?.get('with positions') ?? '', without: row?.get('without positions') ?? '' }
}

function sentOf(row: Row): Pick<Rendered, 'from' | 'content' | 'sent'> {
  const [from = '', content = '', sent = ''] = ['from', 'content', 'sent'].map(head => row.get(head))
  return { from: from.toLowerCase(), content, sent }
}

function rowsOf(names: readonly string[], isWanted: (row: Row) => boolean): readonly Row[] {
  const pages = [shared, ...names.map(name => `../../../src/frontends/${name}/README.md`)]
  const texts = pages.map(page => new URL(page, import.meta.url)).filter(page => existsSync(page))
  return texts.flatMap(page => tablesOf(readFileSync(page, 'utf8'))).filter(isWanted)
}

/** Rows of all tables of a page. */
function tablesOf(text: string): readonly Row[] {
  const tables = text.split('\n\n').filter(part => part.startsWith('| '))
  return tables.flatMap(table => {
    const [heads = [], , ...rows] = table
      .trimEnd()
      .split('\n')
      .map(line => line.split(' | ').map(cellOf))
    return rows.map(cells => new Map(cells.map((cell, index) => [heads[index] ?? '', cell])))
  })
}

/** A code point stands as `⟨2028⟩` where it cannot be seen. */
function cellOf(cell: string): string {
  const text = /`(.*)`/.exec(cell)?.[1] ?? cell.replace(/^\| | \|$/g, '')
  return text.replace(/⟨([0-9A-F]+)⟩/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
}
