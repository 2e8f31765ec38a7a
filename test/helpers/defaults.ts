// Settings as they are where nobody says otherwise.

export function defaultsOf<Values>(fields: Readonly<Record<string, { readonly default: unknown }>>): Values {
  // The section's own defaults, by its own keys.
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.default])) as Values
}
