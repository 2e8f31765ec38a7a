/** A request that waits, in this worker or another one. */
export interface Asking {
  /** A key that this worker owns. */
  readonly worker: string
  /** Of no other request, in no worker: what is for one client must reach no other. */
  readonly ticket: string
  /** Empty: it is not by a script. */
  readonly callback: string
}
