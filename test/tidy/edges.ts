// Who imports whom in product code, and the room that a file is in.
import { type Import, importsOf, scan } from './scan.ts'
import { resolveSpecifier, type SourceFile, typeScript } from './tree.ts'

interface Edge extends Import {
  readonly from: string
  /** A path of ours, or undefined for a package. */
  readonly to: string | undefined
}

export function edgesOf(files: readonly SourceFile[]): Edge[] {
  return typeScript(files, 'src', 'workers').flatMap(({ path, text }) =>
    importsOf(scan(text)).map(edge => ({ ...edge, from: path, to: resolveSpecifier(path, edge.specifier) })),
  )
}

/** `frontends/x` for a protocol's room, a path for the two files beside them, undefined for what is in no room. */
export function roomOf(path: string): string | undefined {
  if (path === 'src/main.ts') return 'main'
  const [top, room = '', ...rest] = path.split('/')
  if (top === 'workers') return 'workers'
  if (top !== 'src' || rest.length === 0) return undefined
  return room === 'frontends' ? `frontends/${rest[0]}` : room
}
