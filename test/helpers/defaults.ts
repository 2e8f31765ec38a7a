// Settings as they are where nobody says otherwise.

/** Secrets have none: a list of none stands there. */
export function defaultsOf<Values>(fields: Readonly<Record<string, object>>): Values {
  const entries = Object.entries(fields).map(([key, field]) => [key, 'default' in field ? field.default : []])
  return Object.fromEntries(entries) as Values // the section's own defaults, by its own keys
}
