/**
 * The calls to the child that holds a USB device without a tty. Refusals: `USB_MODULE_MISSING`, `USB_NOT_FOUND`,
 * `USB_ACCESS_DENIED`, `USB_BUSY`, `USB_NO_PIPE`, `USB_FAILED`.
 */
export type UsbCalls = {
  /**
   * Finds the device by its address on the bus, detaches the kernel's driver, claims the interface and starts reading.
   */
  open: { args: UsbAddress; result: undefined }
  /** Returns after the device has received everything. */
  write: { args: { bytes: Uint8Array }; result: undefined }
}

/** `busnum` and `devnum` of sysfs; they change with each plug. */
export type UsbAddress = { bus: number; address: number }

/** Unsolicited reports of the child: bytes of the device, or the end of its bytes. */
export type UsbNews = { bytes: Uint8Array } | { lost: string }
