import { useEffect, useRef, type ReactNode } from "react";
import { Brand } from "./brand.tsx";
import { useDocumentTitle } from "./use-document-title.ts";

export interface MessageViewProps {
  testId: string;
  tabTitle: string;
  title: string;
  text: string;
  children?: ReactNode;
}

/** A screen that says one thing, and what to do about it. */
export function MessageView({ testId, tabTitle, title, text, children }: MessageViewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useDocumentTitle(tabTitle);
  // The control that led here is gone: the focus goes to what is to be read.
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className="page message" data-testid={testId}>
      <Brand />
      <div className="message-body">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p className="lead">{text}</p>
        {children}
      </div>
    </main>
  );
}
