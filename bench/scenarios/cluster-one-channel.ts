// As cluster, with a single channel that has a single subscriber: all of its publications have one order and one owner.
import type { MakeQuestion } from '../question.ts'
import { askOfNodes } from './cluster.ts'

export const clusterOneChannel: MakeQuestion = (size, seed) =>
  askOfNodes('cluster-one-channel', size, seed, 1)
