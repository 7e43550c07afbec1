package provider

import (
	"hash/maphash"
	"math"
	"unicode/utf8"
)

// records are the rows of plain lists: one text without pointers, which costs the
// garbage collector nothing however long it is, and an open-addressing hash table
// of offsets into it. A map of a million strings takes four times as much.
//
// A record is the length of a key, the key of up to 255 octets, and its
// value. Records are only ever appended.
type records struct {
	seed  maphash.Seed // strangers choose what is looked up, and must not be able to cause collisions
	text  []byte
	slots []uint32 // offset of a record plus 1; 0 for a free slot; a power of two
	count int
}

// maxRecords is the highest offset, less room for one more record.
const maxRecords = math.MaxUint32 - 1<<10

func newRecords() records { return records{seed: maphash.MakeSeed()} }

// reserve makes room for the rows of a further list.
func (r *records) reserve(list []byte) {
	rows := countRows(list)
	size := len(list) + rows // a record may be one octet longer than its line
	for _, c := range list {
		if c >= utf8.RuneSelf {
			size += 3 // Punycode is longer than the letters that it stands for
		}
	}
	if free := cap(r.text) - len(r.text); free < size {
		r.text = append(make([]byte, 0, len(r.text)+size), r.text...)
	}
	want := 16
	for want < (r.count+rows)*4/3 {
		want *= 2
	}
	if want <= len(r.slots) {
		return
	}
	before := r.slots
	r.slots = make([]uint32, want)
	for _, at := range before {
		if at != 0 {
			r.slots[r.slot(r.key(int(at-1)))] = at
		}
	}
}

// find returns the offset of a key's value.
func (r *records) find(key string) (at int, ok bool) {
	if len(r.slots) == 0 {
		return 0, false
	}
	found := r.slots[r.slot(key)]
	return int(found) + len(key), found != 0
}

// add adds a new key, for which reserve has made room. Its value must be appended
// to the text next.
func (r *records) add(key string) {
	r.slots[r.slot(key)] = uint32(len(r.text)) + 1
	r.text = append(append(r.text, byte(len(key))), key...)
	r.count++
}

// full reports that there is no offset left for another record.
func (r *records) full() bool { return uint64(len(r.text)) > maxRecords }

// slot returns where a key is, or the free slot where it belongs.
func (r *records) slot(key string) int {
	mask := uint64(len(r.slots) - 1)
	i := maphash.String(r.seed, key) & mask
	for r.slots[i] != 0 {
		at := int(r.slots[i])
		if end := at + int(r.text[at-1]); end-at == len(key) && string(r.text[at:end]) == key {
			break
		}
		i = (i + 1) & mask
	}
	return int(i)
}

// key returns the key of the record at an offset.
func (r *records) key(at int) string {
	return string(r.text[at+1 : at+1+int(r.text[at])])
}
