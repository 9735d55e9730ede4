import type { Printout, PrintoutType } from '../contract/printout.ts'

/** Printouts of a law's device between two documents; no document and no event comes of them. */
export type Printouts = {
  /**
   * Called between two documents of the device. Throws FiskalError with effect `none`, also if the reply was lost: a
   * second copy is harmless.
   */
  print(device: string, type: PrintoutType): Promise<Pick<Printout, 'totals'>>
}
