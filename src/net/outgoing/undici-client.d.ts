// The one file of the package that is imported has no types of its own; undici.ts declares what is used.
declare module 'undici/lib/dispatcher/client.js' {
  const Client: unknown
  export = Client
}
