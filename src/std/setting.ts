// How a room describes its settings: data from which values, refusals, flags and the reference are derived.

export interface Alias {
  readonly variable: string
  /** Turns its unit into ours. */
  readonly scale?: number
  /** Of a secret: the value is one as it stands, with blanks and line ends, as the original takes it. */
  readonly isWhole?: true
}

interface Described {
  /** One line for the reference. */
  readonly doc: string
  /** Variables of a replaced original that mean the same. */
  readonly aliases?: readonly Alias[]
  /** Changes without a restart when the settings are read again; what is not live says so then. */
  readonly live?: true
}

export interface IntegerSetting extends Described {
  readonly type: 'integer'
  readonly unit: 'ms' | 'bytes' | 'count'
  readonly default: number
  readonly min: number
  readonly max: number
}

/** What clients present in a header, which carries visible ASCII, blanks and tabs. */
interface Presented {
  readonly isPresented?: true
}

export interface TextSetting extends Described, Presented {
  readonly type: 'text'
  readonly default: string
  /**
   * What it is by its meaning: a path that says the same wherever a daemon starts, or a name that a cookie can have. Empty
   * is nothing.
   */
  readonly form?: 'absolute path' | 'cookie name'
  /** It names a file, and whoever may write that decides who gets in. */
  readonly isTrusted?: true
}

export interface ChoiceSetting extends Described {
  readonly type: 'choice'
  /** A node that stands alone does the same whatever it says. */
  readonly isOfNodes?: true
  readonly choices: readonly string[]
  readonly default: string
}

export interface BooleanSetting extends Described {
  readonly type: 'boolean'
  readonly default: boolean
}

/** Several words: separated by commas, or a list in the file. */
export interface ListSetting extends Described {
  readonly type: 'list'
  readonly default: readonly string[]
  /** What each of them is told by its meaning: an entry that can never match is refused. A star is every origin. */
  readonly of?: 'origins' | 'origins, or *' | 'hosts'
}

/** A list of objects: JSON in a variable or flag, written out in the file. */
export interface RecordsSetting extends Described {
  readonly type: 'records'
  readonly default: readonly []
  /** How many there may be. */
  readonly recordsMax: number
  /** What each may say, by name. */
  readonly members: Members
}

export type Members = Readonly<Record<string, Member>>

export interface Member {
  /** Its type, bounds and doc. */
  readonly setting: IntegerSetting | TextSetting | ChoiceSetting | BooleanSetting | ListSetting
  /** No object does without. */
  readonly required?: true
  /** Section and key of the setting that holds for an object that does not say it. */
  readonly as?: readonly [section: string, key: string]
}

/**
 * Never printed. Its value is a list, so that a secret can be changed without a break: one per line, the first is used
 * to sign, each is accepted. Where it is missing, development generates one, and production refuses to start.
 */
export interface SecretSetting extends Described, Presented {
  readonly type: 'secret'
  /** Production starts without it; the room then refuses what would need it. */
  readonly optional?: true
}

/** `host:port`, `port`, `unix:/path` or `off`. */
export interface AddressSetting extends Described {
  readonly type: 'address'
  readonly default: string
}

export type Setting =
  | IntegerSetting
  | TextSetting
  | ChoiceSetting
  | BooleanSetting
  | ListSetting
  | RecordsSetting
  | SecretSetting
  | AddressSetting

/** One object of a list of them, with the members that it says. */
export type SettingRecord = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** What any setting's value can be. */
export type SettingValue = string | number | boolean | readonly string[] | readonly SettingRecord[]

/** A room's settings. `name` is the middle of the variable: `rpushd` gives `RINGCAST_RPUSHD_…`; empty gives none. */
export interface Section<Fields extends Record<string, Setting> = Record<string, Setting>> {
  readonly name: string
  readonly fields: Fields
}

type ValueOf<S extends Setting> = S extends IntegerSetting
  ? number
  : S extends BooleanSetting
    ? boolean
    : S extends SecretSetting | ListSetting
      ? readonly string[]
      : S extends { readonly type: 'records'; readonly members: infer Described }
        ? readonly RecordOf<Described>[]
        : S extends { readonly choices: readonly (infer Choice)[] }
          ? Choice
          : string

type Required<M> = { [Key in keyof M]: M[Key] extends { readonly required: true } ? Key : never }[keyof M]
type MemberOf<M> = M extends { readonly setting: infer S extends Setting } ? ValueOf<S> : never

/** What an object may say whose members are described so. */
export type RecordOf<M> = { readonly [Key in Required<M>]: MemberOf<M[Key]> } & {
  readonly [Key in Exclude<keyof M, Required<M>>]?: MemberOf<M[Key]>
}

export type SectionValues<S extends Section> = {
  readonly [Key in keyof S['fields']]: ValueOf<S['fields'][Key]>
}
