// What a node says of itself to those that are joined to it, so that they can tell where they are not alike: `name=value`, with
// blanks between. Of what is long a digest is said. Who says nothing, or nothing of that, is not known to differ.

/** By name: `version`, and what else must be the same on all nodes. */
export type About = Readonly<Record<string, string>>

/** How another node differs. */
export interface Difference {
  readonly node: string
  /** Names of what is another there than here. */
  readonly parts: readonly string[]
  /** Its own, where it says one. */
  readonly version?: string
}

/** Anybody may have written them. */
const aboutForm = /^[\w.+=-]+( [\w.+=-]+)*$/
const aboutLengthMax = 500
const nodeForm = /^[\w-]{1,64}$/

/** Names and values are words of ours. */
export function aboutText(about: About): string {
  return Object.entries(about)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

export function parseAbout(text: string): About {
  if (text.length > aboutLengthMax || !aboutForm.test(text)) return {}
  const pairs = text.split(' ').map(each => each.split('='))
  return Object.fromEntries(pairs.filter(({ length }) => length === 2)) as About // two texts each
}

/** In the order of `texts`; a node that is alike is not among them. */
export function differencesFrom(own: About, texts: ReadonlyMap<string, string>): readonly Difference[] {
  return [...texts].flatMap(([node, text]) => {
    if (!nodeForm.test(node)) return []
    const theirs = new Map(Object.entries(parseAbout(text)))
    const parts = Object.keys(own).filter(name => (theirs.get(name) ?? own[name]) !== own[name])
    const version = theirs.get('version')
    return parts.length === 0 ? [] : [{ node, parts, ...(version !== undefined && { version }) }]
  })
}
