// Headers that several answers have in common.

/** rpushd 1.0.3: streams and stats must not be kept by anybody on the way. */
export const noStore = {
  'cache-control': 'no-cache, no-store, must-revalidate, no-transform',
  pragma: 'no-cache',
  expires: '0',
} as const
