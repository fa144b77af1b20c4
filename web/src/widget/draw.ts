/**
 * Draws a tree of elements into the page and keeps it up to date: the widget's whole view library.
 *
 * Components are plain functions called on the spot, so a tree holds elements and text only. A child is known
 * by its `key`, or by its place among its siblings, where absent children keep their place; one that stays is
 * never moved without need, so focus, selection and scrolling survive. Nothing, 0 and true draw
 * nothing. There is no way to pass markup as text.
 */

type Key = string | number;
export type Child = Branch | string | number | boolean | null | undefined | Child[];
type Component<P> = (props: P & { children?: Child[] }) => Child;

interface Branch {
  tag: string;
  props: Record<string, unknown>;
  children: Child[];
  key?: Key;
}

interface Drawn {
  node: Node;
  tag: string;
  props: Record<string, unknown>;
}

const drawn = new WeakMap<Node, Map<string, Drawn>>();

/** What JSX compiles to. Only a component that draws one element can be given a key. */
export function h<P extends object>(tag: string | Component<P>, options: (P & { key?: Key }) | null, ...children: Child[]): Child {
  const { key, ...props } = options ?? ({} as { key?: Key });
  if (typeof tag === "string") return { tag, props, children, key };
  const tree = tag({ ...(props as P), children });
  return key ? { ...(tree as Branch), key } : tree;
}

export const Fragment = ({ children }: { children?: Child[] }): Child => children;

/** Makes the children of `parent` what `tree` says. */
export function draw(parent: Node, tree: Child): void {
  const before = drawn.get(parent) ?? new Map<string, Drawn>();
  const after = new Map<string, Drawn>();
  const wanted: [string, Branch | string][] = [];
  flatten(tree, "", wanted);
  drawn.set(parent, after);

  for (const [id, child] of wanted) {
    const tag = typeof child === "string" ? "" : child.tag;
    const old = before.get(id);
    after.set(id, old?.tag === tag ? old : { node: create(tag), tag, props: {} });
  }
  for (const [id, { node }] of before) if (after.get(id)?.node !== node) parent.removeChild(node);

  let place = parent.firstChild;
  for (const [id, child] of wanted) {
    const mine = after.get(id) as Drawn;
    const { node } = mine;
    if (typeof child === "string") {
      if (node.nodeValue !== child) node.nodeValue = child;
    } else {
      for (const name in { ...mine.props, ...child.props }) {
        if (mine.props[name] !== child.props[name] && name !== "ref") setProp(node as Element, name, child.props[name]);
      }
      mine.props = child.props;
      draw(node, child.children);
    }
    if (node === place) place = place.nextSibling;
    else {
      parent.insertBefore(node, place);
      if (before.get(id) !== mine && typeof child !== "string") (child.props.ref as undefined | ((node: Node) => void))?.(node);
    }
  }
}

function flatten(child: Child, place: string, into: [string, Branch | string][]): void {
  if (Array.isArray(child)) child.forEach((one, at) => flatten(one, `${place}.${at}`, into));
  else if (child && typeof child === "object") into.push([String(child.key ?? place), child]);
  else if (child && child !== true) into.push([place, String(child)]);
}

function create(tag: string): Node {
  if (!tag) return document.createTextNode("");
  return /^(svg|path)$/.test(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
}

/**
 * Handlers and form values are properties, everything else is an attribute: present when true, and `aria-…` always.
 * What a handler returns is dropped: a property's `false` would cancel the event, and nobody could type.
 */
function setProp(node: Element, name: string, value: unknown): void {
  if (/^(on|value$|checked$)/.test(name)) {
    const property = typeof value === "function" ? (event: Event) => void value(event) : value ?? null;
    Object.assign(node, { [name.toLowerCase()]: property });
  } else if (value || (value === false && name.startsWith("aria"))) node.setAttribute(name, String(value));
  else node.removeAttribute(name);
}

type On<E, K> = (event: K & { currentTarget: E }) => void;

interface Attributes<E> {
  key?: Key;
  ref?: (node: E) => void;
  children?: Child | Child[];
  onClick?: On<E, MouseEvent>;
  onKeyDown?: On<E, KeyboardEvent>;
  onInput?: On<E, InputEvent>;
  onChange?: On<E, Event>;
  onSubmit?: On<E, SubmitEvent>;
  onScroll?: On<E, Event>;
  onCancel?: On<E, Event>;
  onClose?: On<E, Event>;
  [attribute: string]: unknown;
}

// oxlint-disable-next-line no-namespace -- the place where TypeScript looks for the types of JSX
export declare namespace h {
  namespace JSX {
    type Element = Child;
    type ElementType = keyof IntrinsicElements | ((props: never) => Child);
    interface ElementChildrenAttribute {
      children: unknown;
    }
    interface IntrinsicAttributes {
      key?: Key;
    }
    type IntrinsicElements = { [T in keyof HTMLElementTagNameMap]: Attributes<HTMLElementTagNameMap[T]> } & {
      svg: Attributes<SVGElement>;
      path: Attributes<SVGElement>;
    };
  }
}
