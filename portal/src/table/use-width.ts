// How wide a part of the page is: it may be narrow on a wide screen, beside a panel.
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** A ref for an element, and its width in pixels; 0 until it was measured. */
export function useWidth<E extends HTMLElement>(): [RefObject<E | null>, number] {
  const ref = useRef<E>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    setWidth(element.clientWidth)
    const watch = new ResizeObserver(() => setWidth(element.clientWidth))
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  return [ref, width]
}
