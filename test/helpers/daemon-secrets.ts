// What tests know of the daemons that they start, without a protocol having been read.

/** Set by `node test/run.ts` to `daemonDefaults` as JSON. */
export const DEFAULTS_VARIABLE = 'TEST_DAEMON_DEFAULTS'

/**
 * Found nowhere by chance, for every run searches what daemons write for them; a flag is called publish-secret. The
 * first one signed the published test vectors of rpushd.
 */
export const secrets = {
  subscribe: 'subscription-secret',
  publish: 'e18f3c6a70d94b25a6c8f1037b5de294c03fa9816d7e4b52',
  /** Of pushy: what signs tokens, and what its publishers send. */
  jwt: '5b0e7d1c94f23a868e6d90c7b1f4a53e2d7c8096fb15e34a',
  client: 'c41d8e97a25f60b3d2840e6f7a9b1c35',
} as const
