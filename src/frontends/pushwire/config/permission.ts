// What a client may read and write, channel by channel. Sessions are many and permissions few: those that are equal are one
// object.
import { strict as assert } from 'node:assert'
import { NameMemo } from '../../../std/name-memo.ts'

/** What a validator says: everything, or by name; names that are no channels open nothing. */
export type Grants = 'all' | ReadonlyMap<string, Grant>

type Grant = 'r' | 'w' | 'rw'

/** Names of channels, in the order of the configuration; the system channel is in neither. */
export interface Permission {
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
  /** First Unix second in which it does not hold any more. */
  readonly expires: number | undefined
}

type Rights = Pick<Permission, 'reads' | 'writes'>

/** Those beyond it are not shared with what was before: a token with a time of its own has a permission of its own. */
const permissionsMax = 1_024

/** More names than there can be channels are not looked at: the claim of somebody's own issuer is no list of ours. */
const grantsMax = 1_024

export class Permissions {
  readonly #names: readonly string[]
  readonly #rights = new NameMemo<string, Rights>(permissionsMax, key => this.#rightsOf(key))
  readonly #permissions = new Map<string, Permission>()

  /** All channels but the system channel. */
  constructor(names: readonly string[]) {
    this.#names = names
  }

  of(grants: Grants, expires?: number | undefined): Permission {
    const rights = this.#names.map(name => (grants === 'all' ? 'rw' : (grants.get(name) ?? ''))).join()
    const key = expires === undefined ? rights : `${rights} ${expires}`
    const known = this.#permissions.get(key)
    if (known !== undefined) return known
    const permission = { ...this.#rights.of(rights), expires }
    if (this.#permissions.size >= permissionsMax) this.#permissions.clear()
    this.#permissions.set(key, permission)
    return permission
  }

  #rightsOf(key: string): Rights {
    const rights = key.split(',')
    const having = (right: 'r' | 'w') =>
      new Set(this.#names.filter((_, index) => rights[index]?.includes(right)))
    return { reads: having('r'), writes: having('w') }
  }
}

/**
 * Contract §6.2: a list of names, or a map of names to `r`, `w` or `rw`; without any, all. Undefined where it is neither: what
 * cannot be read must not open everything.
 */
export function parseGrants(value: unknown): Grants | undefined {
  if (value === undefined) return 'all'
  if (typeof value !== 'object' || value === null) return undefined
  const pairs: readonly (readonly [unknown, unknown])[] = Array.isArray(value)
    ? value.slice(0, grantsMax).map(name => [name, 'rw'] as const)
    : Object.entries(value).slice(0, grantsMax)
  const grants = new Map<string, Grant>()
  for (const [name, grant] of pairs) {
    if (typeof name !== 'string' || !isGrant(grant)) return undefined
    grants.set(name, grant)
  }
  return grants
}

/** An entry of the settings, `name` or `name:r`; undefined where it is none. */
export function parseGrantText(text: string): readonly [name: string, grant: Grant] | undefined {
  const [name = '', grant = 'rw', ...rest] = text.split(':')
  return name !== '' && isGrant(grant) && rest.length === 0 ? [name, grant] : undefined
}

/** Of settings without mistakes. */
export function grantsOfTexts(texts: readonly string[] | undefined): Grants {
  if (texts === undefined) return 'all'
  return new Map(
    texts.map(text => {
      const grant = parseGrantText(text)
      assert(grant !== undefined, 'an entry that does not read is a mistake')
      return grant
    }),
  )
}

function isGrant(value: unknown): value is Grant {
  return value === 'r' || value === 'w' || value === 'rw'
}
