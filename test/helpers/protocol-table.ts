// The README's table of protocols, out of the registry.
import type { Frontend } from '../../src/frontends/frontend.ts'

/** Markdown, without a line end at the end. */
export function protocolTable(frontends: readonly Pick<Frontend, 'name' | 'clients'>[]): string {
  const rows = frontends.map(
    ({ name, clients }) => `| ${name} | ${clients} | [one page](src/frontends/${name}/README.md) |`,
  )
  return ['| protocol | clients of | its wire |', '| --- | --- | --- |', ...rows].join('\n')
}
