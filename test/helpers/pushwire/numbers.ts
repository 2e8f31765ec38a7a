/** The numbers of a run from its seed, each below what is asked: linear congruences, the upper bits of which are good enough. */
export function numbersOf(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
