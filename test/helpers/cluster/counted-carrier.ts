// A carrier in memory that notes the calls that are made of it.
import { MemoryCarrier } from './memory-carrier.ts'

export class CountedCarrier extends MemoryCarrier {
  readonly calls: string[] = []
  /** Asks and reads under way, and the most of them. */
  #open = 0
  most = 0

  override subscribe(...of: Parameters<MemoryCarrier['subscribe']>): void {
    this.calls.push(`subscribe ${of[1].length}`)
    super.subscribe(...of)
  }

  override unsubscribe(...of: Parameters<MemoryCarrier['unsubscribe']>): void {
    this.calls.push(`unsubscribe ${of[1].length}`)
    super.unsubscribe(...of)
  }

  override compare(...of: Parameters<MemoryCarrier['compare']>): void {
    this.calls.push(`compare ${of[1].length}`)
    super.compare(...of)
  }

  override ask(...[channel, reached, done]: Parameters<MemoryCarrier['ask']>): void {
    this.calls.push('ask')
    super.ask(channel, reached, this.#counted(done))
  }

  override read(...[channel, epoch, from, to, done]: Parameters<MemoryCarrier['read']>): void {
    this.calls.push(`read ${channel}`)
    super.read(channel, epoch, from, to, this.#counted(done))
  }

  override count(...of: Parameters<MemoryCarrier['count']>): void {
    this.calls.push(`count ${of[0]} ${of[1]}`)
    super.count(...of)
  }

  override elsewhere(...of: Parameters<MemoryCarrier['elsewhere']>): void {
    this.calls.push(`elsewhere ${of[0]}`)
    super.elsewhere(...of)
  }

  /** Calls since the last time that begin so; all others are forgotten. */
  take(...kinds: readonly string[]): string[] {
    return this.calls.splice(0).filter(call => kinds.some(kind => call.startsWith(kind)))
  }

  #counted<Answer>(done: (answer: Answer) => void): (answer: Answer) => void {
    this.#open++
    this.most = Math.max(this.most, this.#open)
    return answer => {
      this.#open--
      done(answer)
    }
  }
}
