/** Shows whether a device was unplugged or plugged in, without sending it a byte. */
export type Plug = {
  /**
   * A mark of the unit that is plugged in: it changes with each plug and is undefined if nothing is. Cheap: it is read
   * a few times a second. Omitted for a line without a device node, such as TCP.
   */
  look?(): Promise<string | undefined>
  /** Calls back if the open line closes and the agent did not close it. */
  onLost?(act: () => void): void
}
