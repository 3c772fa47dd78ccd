// Does an outside client, which shares no line with us, believe what we publish?
//
// Go's golang.org/x/mod/sumdb, from Debian: its notes, its tree, its tiles. Only the names of files
// and the checkpoint's first line are other than in Go's own logs, and are translated here.
//
//	checker log DIR VKEY                 a published ledger: checkpoint, tiles, entries
//	checker proof PROOF ENTRY VKEY       an event is in the ledger
//	checker growth OLD PROOF VKEY        the ledger only grew since an older checkpoint
//
// Exit code 0 and a line that begins with "ok" where it holds; 1 and the reason where not.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("no:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "log":
		return checkLog(args[1], args[2])
	case len(args) == 4 && args[0] == "proof":
		return checkProof(args[1], args[2], args[3])
	case len(args) == 4 && args[0] == "growth":
		return checkGrowth(args[1], args[2], args[3])
	}
	return errors.New("usage: checker log DIR VKEY | proof PROOF ENTRY VKEY | growth OLD PROOF VKEY")
}

// openCheckpoint returns the tree that a checkpoint signed by the key speaks of.
func openCheckpoint(data []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("the checkpoint is not origin, size and root")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// published reads tiles from files, whose names lack the height that is in Go's.
type published struct{ dir string }

func (p published) Height() int                     { return height }
func (p published) SaveTiles([]tlog.Tile, [][]byte) {}
func (p published) ReadTiles(t []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range t {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(p.dir, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

// stored keeps the hashes of a tree as Go numbers them.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, s[index])
	}
	return found, nil
}

func checkLog(dir, vkey string) error {
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(data, vkey)
	if err != nil {
		return err
	}
	tiled := tlog.TileHashReader(tree, published{dir})
	root, err := tlog.TreeHash(tree.N, tiled)
	if err != nil {
		return fmt.Errorf("tiles: %w", err)
	}
	if root != tree.Hash {
		return errors.New("the root over the tiles is not the checkpoint's")
	}
	entries, err := readEntries(dir, tree.N)
	if err != nil {
		return err
	}
	var hashes stored
	for n, entry := range entries {
		added, err := tlog.StoredHashes(int64(n), entry, hashes)
		if err != nil {
			return err
		}
		hashes = append(hashes, added...)
	}
	root, err = tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the root over the entries is not the checkpoint's")
	}
	return checkInside(tree, tiled, hashes, entries)
}

// checkInside proves entries and growth from the tiles, and checks what it proved.
func checkInside(tree tlog.Tree, tiled tlog.HashReader, hashes stored, entries [][]byte) error {
	for n := int64(0); n < tree.N; n += 1 + tree.N/50 {
		proof, err := tlog.ProveRecord(tree.N, n, tiled)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(entries[n])); err != nil {
			return err
		}
		older, err := tlog.TreeHash(n+1, hashes)
		if err != nil {
			return err
		}
		growth, err := tlog.ProveTree(tree.N, n+1, tiled)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(growth, tree.N, tree.Hash, n+1, older); err != nil {
			return err
		}
	}
	fmt.Println("ok", tree.N, tree.Hash)
	return nil
}

func readEntries(dir string, size int64) ([][]byte, error) {
	var entries [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: height, L: -1, N: n, W: 256}
		if left := size - n*256; left < 256 {
			tile.W = int(left)
		}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return nil, err
		}
		for count := 0; count < tile.W; count++ {
			if len(data) < 2 {
				return nil, errors.New("a bundle of entries is too short")
			}
			length := int(binary.BigEndian.Uint16(data))
			if len(data) < 2+length {
				return nil, errors.New("a bundle of entries ends within one")
			}
			entries = append(entries, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 {
			return nil, errors.New("a bundle of entries is too long")
		}
	}
	return entries, nil
}

// split takes a proof apart: its first lines, the hashes after them, the checkpoint.
func split(path string, first int) ([]string, []tlog.Hash, []byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, nil, err
	}
	head, checkpoint, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < first {
		return nil, nil, nil, errors.New("this is no proof")
	}
	var hashes []tlog.Hash
	for _, line := range lines[first:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, nil, nil, errors.New("a line of the proof is no hash")
		}
		hashes = append(hashes, *(*tlog.Hash)(raw))
	}
	return lines[:first], hashes, checkpoint, nil
}

func checkProof(path, entryPath, vkey string) error {
	lines, hashes, checkpoint, err := split(path, 2)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryPath)
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(checkpoint, vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Println("ok", index, "of", tree.N)
	return nil
}

func checkGrowth(oldPath, path, vkey string) error {
	data, err := os.ReadFile(oldPath)
	if err != nil {
		return err
	}
	older, err := openCheckpoint(data, vkey)
	if err != nil {
		return err
	}
	_, hashes, checkpoint, err := split(path, 1)
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(checkpoint, vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes, tree.N, tree.Hash, older.N, older.Hash); err != nil {
		return err
	}
	fmt.Println("ok", older.N, "to", tree.N)
	return nil
}
