/** Whether somebody can see the page at all. */
export interface PageVisibility {
  /** Tells the present state at once, then each change. Returns the function that ends that. */
  onChange(listener: (hidden: boolean) => void): () => void;
}
