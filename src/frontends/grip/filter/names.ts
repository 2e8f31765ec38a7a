// The filters that there are (contract §7).

/** In the order in which the original announces them. */
export const filterNames = [
  'skip-self',
  'skip-users',
  'require-sub',
  'build-id',
  'var-subst',
  'http-check',
  'http-modify',
] as const

export type FilterName = (typeof filterNames)[number]

/** What a publisher counts on where it names `content-filters`. */
export const altering: readonly string[] = ['build-id', 'var-subst', 'http-modify'] satisfies FilterName[]
