/**
 * The calls to the child that holds a USB device without a tty. Refusals: `USB_MODULE_MISSING`, `USB_NOT_FOUND`,
 * `USB_ACCESS_DENIED`, `USB_BUSY`, `USB_NO_PIPE`, `USB_FAILED`.
 */
export type UsbCalls = {
  /** Finds the device by its place on the bus, detaches the kernel's driver, claims the interface and reads from then on. */
  open: { args: UsbAddress; result: undefined }
  /** Returns when the device has taken all of it. */
  write: { args: { bytes: Uint8Array }; result: undefined }
}

/** `busnum` and `devnum` of sysfs: each plug gives a device another one. */
export type UsbAddress = { bus: number; address: number }

/** What the child reports unasked: bytes of the device, or that it sends no more. */
export type UsbNews = { bytes: Uint8Array } | { lost: string }
