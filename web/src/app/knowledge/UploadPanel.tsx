/** Adding files: the button, the whole page as a place to drop them, and how each is doing. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { percent } from "../format";
import { Icon } from "../ui/Icon";
import { knowledgeWords } from "../words/knowledge";
import css from "./list.module.css";
import { ACCEPTED, clearFinished, retryUpload, uploadFiles, useUploads } from "./uploads";

const said = knowledgeWords.list;

export function UploadButton({ children, fields, multiple = true, onDone }: { children: ReactNode; fields?: Record<string, string>; multiple?: boolean; onDone?: (id: string) => void }) {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple={multiple}
        accept={ACCEPTED.join(",")}
        onChange={(event) => {
          uploadFiles(client, Array.from(event.currentTarget.files ?? []), fields, onDone);
          event.currentTarget.value = "";
        }}
      />
      <Button variant="default" size="xs" leftSection={<Icon name="upload" size={14} />} onClick={() => input.current?.click()} title={said.uploadHint}>
        {children}
      </Button>
    </>
  );
}

/** Shows a veil while files are dragged over the window, and takes what is dropped. The button does the same. */
export function DropVeil() {
  const client = useQueryClient();
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const files = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent): void => {
      if (!files(event)) return;
      depth++;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (files(event) && --depth <= 0) setOver(false);
    };
    const above = (event: DragEvent): void => {
      if (files(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      uploadFiles(client, Array.from(event.dataTransfer?.files ?? []));
    };
    const pairs = [["dragenter", enter], ["dragleave", leave], ["dragover", above], ["drop", drop]] as const;
    for (const [name, handler] of pairs) addEventListener(name, handler);
    return () => {
      for (const [name, handler] of pairs) removeEventListener(name, handler);
    };
  }, [client]);
  if (!over) return null;
  return (
    <div className={css.veil}>
      <Icon name="upload" size={28} />
      <strong>{said.drop}</strong>
      <span>{said.uploadHint}</span>
    </div>
  );
}

export function UploadList() {
  const uploads = useUploads();
  if (!uploads.length) return null;
  return (
    <section className={css.uploads} aria-label={said.uploads}>
      <header>
        <h2>{said.uploads}</h2>
        <Button size="compact-xs" variant="subtle" onClick={clearFinished}>
          {said.clearDone}
        </Button>
      </header>
      <ul>
        {uploads.map((one) => (
          <li key={one.id} data-state={one.state}>
            <Icon name={one.state === "failed" ? "alert" : one.state === "accepted" ? "check" : "upload"} size={14} />
            <bdi>{one.documentId ? <Link href={`/knowledge/${one.documentId}`}>{one.name}</Link> : one.name}</bdi>
            {one.state === "sending" && <progress value={one.share} aria-label={one.name} />}
            <span role="status">
              {one.state === "failed" ? one.error : one.state === "sending" ? said.uploading(percent(one.share)) : said[one.state]}
            </span>
            {one.again && (
              <Button size="compact-xs" variant="default" onClick={() => retryUpload(one.id)}>
                {said.again}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
