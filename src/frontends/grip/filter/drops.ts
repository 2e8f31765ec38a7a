// The filters that only say whether an item is for a subscription (contract §7). Pure functions of both metas.

/** `published`: the item's meta. `isHeld`: whether the connection has that channel, by the name that its origin has for it. */
export interface DropQuestion {
  readonly meta: ReadonlyMap<string, string>
  readonly published: ReadonlyMap<string, string>
  isHeld(channel: string): boolean
}

/** True: it is dropped. */
export type Drop = (question: DropQuestion) => boolean

export const drops = {
  /** Who sent it does not get it back. */
  'skip-self': ({ meta, published }) => {
    const user = meta.get('user') ?? ''
    return user !== '' && user === published.get('sender')
  },
  'skip-users': ({ meta, published }) => {
    const user = meta.get('user') ?? ''
    const skipped = published.get('skip_users') ?? ''
    return user !== '' && skipped.split(',').some(name => name.trim() === user)
  },
  'require-sub': ({ published, isHeld }) => {
    const required = published.get('require_sub') ?? ''
    return required !== '' && !isHeld(required)
  },
} as const satisfies Readonly<Record<string, Drop>>
