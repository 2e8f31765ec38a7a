// How a room describes its settings: data from which values, refusals and the reference are derived.

interface Described {
  /** One line for the reference. */
  readonly doc: string
  /** Variables of a replaced original that mean the same; `scale` turns their unit into ours. */
  readonly aliases?: readonly { readonly variable: string; readonly scale?: number }[]
}

export interface IntegerSetting extends Described {
  readonly type: 'integer'
  readonly unit: 'ms' | 'bytes' | 'count'
  readonly default: number
  readonly min: number
  readonly max: number
}

export interface TextSetting extends Described {
  readonly type: 'text'
  readonly default: string
}

export interface ChoiceSetting extends Described {
  readonly type: 'choice'
  readonly choices: readonly string[]
  readonly default: string
}

/** A value that is never printed. Development generates one where it is missing; production refuses to start. */
export interface SecretSetting extends Described {
  readonly type: 'secret'
}

/** `host:port`, `port`, `unix:/path` or `off`. */
export interface AddressSetting extends Described {
  readonly type: 'address'
  readonly default: string
}

export type Setting = IntegerSetting | TextSetting | ChoiceSetting | SecretSetting | AddressSetting

/** A room's settings. `name` is the middle of the variable: `rpushd` gives `RINGCAST_RPUSHD_…`; empty gives none. */
export interface Section<Fields extends Record<string, Setting> = Record<string, Setting>> {
  readonly name: string
  readonly fields: Fields
}

type ValueOf<S extends Setting> = S extends IntegerSetting
  ? number
  : S extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string

export type SectionValues<S extends Section> = {
  readonly [Key in keyof S['fields']]: ValueOf<S['fields'][Key]>
}
