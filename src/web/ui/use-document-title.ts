import { useEffect } from "react";

/** What the browser's tab is called while the view is shown. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
