// All dialects of contract §1.5, and operations written in them: by hand, so that the node's own way is held against it.

export interface Dialect {
  readonly wrapped: boolean
  /** None: external. */
  readonly tag: 'op' | 'type' | 'kind' | 'action' | undefined
  /** None: the fields stand beside the tag. */
  readonly content: 'data' | 'payload' | 'content' | undefined
  readonly pascal: boolean
}

const tags = ['op', 'type', 'kind', 'action'] as const
const contents = [undefined, 'data', 'payload', 'content'] as const
const styles = [
  { tag: undefined, content: undefined },
  ...tags.flatMap(tag => contents.map(content => ({ tag, content }))),
]

export const dialects: readonly Dialect[] = styles.flatMap(style =>
  [true, false].flatMap(wrapped => [false, true].map(pascal => ({ ...style, wrapped, pascal }))),
)

/** For people. */
export function nameOf({ wrapped, tag, content, pascal }: Dialect): string {
  const style =
    tag === undefined
      ? 'external'
      : content === undefined
        ? `internal ${tag}`
        : `adjacent ${tag} and ${content}`
  return `${wrapped ? 'wrapped' : 'bare'}, ${style}, ${pascal ? 'Pascal' : 'snake'} case`
}

/** `fields` as members of JSON text; undefined: it has none at all. */
export function inDialect(dialect: Dialect, name: string, fields?: string): string {
  const { wrapped, tag, content, pascal } = dialect
  const cased = pascal ? name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name
  const own = taggedAs(JSON.stringify(cased), fields, tag, content)
  return wrapped ? `{"channel":"system","payload":${own}}` : own
}

function taggedAs(
  name: string,
  fields: string | undefined,
  tag: Dialect['tag'],
  content: Dialect['content'],
): string {
  if (tag === undefined) return fields === undefined ? name : `{${name}:{${fields}}}`
  if (content === undefined)
    return `{"${tag}":${name}${fields === undefined || fields === '' ? '' : `,${fields}`}}`
  return fields === undefined ? `{"${tag}":${name}}` : `{"${tag}":${name},"${content}":{${fields}}}`
}
