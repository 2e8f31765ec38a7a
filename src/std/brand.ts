// Nominal types: a branded value is a plain value that only a `parse…` or `mint…` function hands out.

declare const brand: unique symbol

export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name }
