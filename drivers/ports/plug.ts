/** What shows that a device was unplugged or put back, without a byte to it. */
export type Plug = {
  /**
   * A mark of what is plugged in where the device is looked for: another one after each plug, undefined while nothing is
   * there. Cheap: it is read a few times a second. Left out for a line that has no node, as TCP.
   */
  look?(): Promise<string | undefined>
  /** Calls back when the open line closes that nobody here closed. */
  onLost?(act: () => void): void
}
