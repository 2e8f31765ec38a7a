// Whether the client has written a command. A client of @redis/client listens to the abort signal of a command for as long as
// it could still take it back, and stops when it writes it: that moment is what this is for. It never aborts anything.

export class WriteMark {
  readonly aborted = false
  #isWritten = false

  get isWritten(): boolean {
    return this.#isWritten
  }

  addEventListener(): void {}

  removeEventListener(): void {
    this.#isWritten = true
  }
}
