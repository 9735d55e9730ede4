import { Problem } from './problem.ts'

const MOST = { blob: 4, batch: 32 } as const

/**
 * What is refused first when there is too much: blobs, then batches; heads and checkpoints never. Bounds the memory too,
 * since each batch in work holds its text.
 */
export class Admission {
  private readonly running = { blob: 0, batch: 0 }

  /** Throws Problem `too-many-requests` with a Retry-After. */
  async run<T>(kind: keyof typeof MOST, work: () => Promise<T>): Promise<T> {
    const crowded = kind === 'blob' && this.running.batch > MOST.batch / 2
    if (this.running[kind] >= MOST[kind] || crowded) {
      throw new Problem('too-many-requests', 'The receiver is busy with others.', {}, kind === 'blob' ? 30 : 2)
    }
    this.running[kind]++
    try {
      return await work()
    } finally {
      this.running[kind]--
    }
  }
}
