import { parentPort } from 'node:worker_threads'
import type { SignatureBatch } from './signature-batch.ts'
import { misfits } from './signature-batch.ts'

// Answers every batch, in order, with the places of its bad signatures.
parentPort?.on('message', (batch: SignatureBatch) => parentPort?.postMessage(misfits(batch)))
