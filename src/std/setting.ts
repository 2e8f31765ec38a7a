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

/** Structured: JSON text in a variable, written out in the file. Its value is JSON text; empty where nothing is said. */
export interface JsonSetting extends Described {
  readonly type: 'json'
  readonly default: ''
  /** It is a list of objects, and this is what each may say, by name. */
  readonly members?: Members
}

export type Members = Readonly<Record<string, Member>>

export interface Member {
  /** Its type, bounds and doc. */
  readonly setting: IntegerSetting | TextSetting | ChoiceSetting | ListSetting
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
  | JsonSetting
  | SecretSetting
  | AddressSetting

/** What any setting's value can be. */
export type SettingValue = string | number | boolean | readonly string[]

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
      : S extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string

export type SectionValues<S extends Section> = {
  readonly [Key in keyof S['fields']]: ValueOf<S['fields'][Key]>
}
