/** The view library on a page made of a few lines: what is drawn, kept, moved and removed. */
import { beforeEach, expect, test, vi } from "vitest";
import { draw, h, type Child } from "../../src/widget/draw";

/** As much of a DOM node as drawing touches. */
class FakeNode {
  nodes: FakeNode[] = [];
  parent: FakeNode | null = null;
  attributes: Record<string, string> = {};
  nodeValue = "";
  moves = 0;
  constructor(readonly tag: string) {}
  get firstChild(): FakeNode | null {
    return this.nodes[0] ?? null;
  }
  get nextSibling(): FakeNode | null {
    return this.parent?.nodes[this.parent.nodes.indexOf(this) + 1] ?? null;
  }
  insertBefore(node: FakeNode, place: FakeNode | null): void {
    node.parent?.removeChild(node);
    node.parent = this;
    node.moves++;
    this.nodes.splice(place ? this.nodes.indexOf(place) : this.nodes.length, 0, node);
  }
  removeChild(node: FakeNode): void {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    node.parent = null;
  }
  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }
  removeAttribute(name: string): void {
    delete this.attributes[name];
  }
  get text(): string {
    return this.nodeValue + this.nodes.map((node) => node.text).join("");
  }
}

let root: FakeNode;
const show = (tree: Child): void => draw(root as unknown as Node, tree);
const press = vi.fn();
const field = (first: boolean): Child => [first && h("p", null, "first"), h("input", null)];
const Row = ({ text }: { text: string }): Child => h("li", null, text);
const Hello = ({ name, children }: { name: string; children?: Child[] }): Child => h("p", null, "Hello ", name, children);
const item = (key: string): Child => h("li", { key }, key);
const tags = (): string => root.nodes.map((node) => node.text || node.tag).join(" ");

beforeEach(() => {
  vi.stubGlobal("document", {
    createElement: (tag: string) => new FakeNode(tag),
    createElementNS: (_space: string, tag: string) => new FakeNode(tag),
    createTextNode: () => new FakeNode(""),
  });
  root = new FakeNode("root");
});

test("it draws elements, text, lists and components; nothing for absent children", () => {
  show([h(Hello, { name: "Cy" }, "!"), null, false, true, 0, "", [h("b", null, 7)]]);
  expect(tags()).toBe("Hello Cy! 7");
});

test("text is text, whatever is in it", () => {
  show("<img src=x onerror=alert(1)>");
  expect(root.nodes).toHaveLength(1);
  expect(root.nodes[0]?.tag).toBe("");
});

test("it sets handlers and values as properties and the rest as attributes", () => {
  show(h("input", { onClick: press, value: "x", disabled: true, hidden: false, "aria-busy": false }));
  const [node] = root.nodes as (FakeNode & { onclick?: (event: unknown) => void; value?: unknown })[];
  expect([node?.value, node?.attributes]).toEqual(["x", { disabled: "true", "aria-busy": "false" }]);
  node?.onclick?.(1);
  expect(press).toHaveBeenCalledWith(1);
  show(h("input", { title: "t" }));
  node?.onclick?.(2);
  expect(press).toHaveBeenCalledTimes(1);
  expect([node?.value, node?.attributes]).toEqual([null, { title: "t" }]);
});

test("a handler that returns false does not cancel the event", () => {
  show(h("textarea", { onKeyDown: () => false }));
  const [node] = root.nodes as (FakeNode & { onkeydown?: (event: unknown) => unknown })[];
  expect(node?.onkeydown?.({})).toBeUndefined();
});

test("it keeps an element whose earlier sibling comes or goes", () => {
  show(field(false));
  const [input] = root.nodes;
  show(field(true));
  show(field(false));
  expect(root.nodes).toEqual([input]);
  expect(input?.moves).toBe(1);
});

test("with keys it keeps, moves, adds and removes", () => {
  show(["a", "b", "c", "d"].map(item));
  const before = new Map(root.nodes.map((node) => [node.text, node]));
  show(["b", "c", "e", "a"].map(item));
  expect(tags()).toBe("b c e a");
  for (const key of ["a", "b", "c"]) expect(root.nodes).toContain(before.get(key));
});

test("a key given to a component is its element's", () => {
  show([h(Row, { key: 1, text: "one" }), h(Row, { key: 2, text: "two" })]);
  const two = root.nodes[1];
  show([h(Row, { key: 2, text: "deux" })]);
  expect(root.nodes).toEqual([two]);
  expect(tags()).toBe("deux");
});

test("a ref is called once, when the element is there", () => {
  const ref = vi.fn();
  show(h("p", { ref }));
  show(h("p", { ref }));
  expect(ref.mock.calls).toEqual([[root.nodes[0]]]);
});
