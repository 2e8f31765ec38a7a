// What takes a daemon of the tests back to what a newcomer gets: development mode, secrets that it makes up.

/** For `DaemonOptions.environment`. */
export const development: Readonly<Record<string, string | undefined>> = {
  RINGCAST_MODE: 'development',
  RPUSHD_SECRET: undefined,
  RPUSHD_PUBLISH_SECRET: undefined,
  RINGCAST_PINGHUB_SUBSCRIBE: undefined,
  RINGCAST_PINGHUB_PUBLISH: undefined,
  AUTH_SECRET_KEY: undefined,
  PUBLISHER_CLIENT_ID: undefined,
  PUBLISHER_CLIENT_SECRET: undefined,
  // No test stops a node to see it stop.
  RINGCAST_DRAIN_SPREAD_MS: '0',
}
