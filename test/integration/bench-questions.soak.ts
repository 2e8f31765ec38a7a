// Every question of the benches at its smallest: `npm test` plays half of them each day.
import { playSmallest, smallest } from '../helpers/bench-rounds.ts'

playSmallest('the smallest round', smallest)
